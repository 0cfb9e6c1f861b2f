package dev.rebasis.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tokens that are good, and the ways in which they are not. */
class AuthenticatorsTest {
  private static final String SECRET = "a secret of more than thirty-two bytes";

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder().subject("ann").issuer("us").audience("orders").claim("roles", List.of("boss", "sales"))
        .expirationTime(Date.from(Instant.now().plusSeconds(600)));
  }

  private static String signed(JWSAlgorithm algorithm, JWSSigner signer, JWTClaimsSet claims) throws Exception {
    SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims);
    token.sign(signer);
    return token.serialize();
  }

  private static String typed(String type, JWSSigner signer) throws Exception {
    SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).type(new JOSEObjectType(type)).build(), claims().build());
    token.sign(signer);
    return token.serialize();
  }

  private static void refused(Authenticator authenticator, String token) {
    assertThatThrownBy(() -> authenticator.authenticate(token)).isInstanceOf(RebasisException.class)
        .extracting(e -> ((RebasisException) e).code()).isEqualTo(Authenticator.UNAUTHORIZED);
  }

  @Test
  void aSharedSecret_letsInWhatItSigned() throws Exception {
    Authenticator jwt = new JwtAuthenticator("secret:" + SECRET, "us", "orders");
    JWSSigner signer = new MACSigner(SECRET.getBytes(StandardCharsets.UTF_8));
    User user = jwt.authenticate(signed(JWSAlgorithm.HS256, signer, claims().build()));
    assertThat(user.name()).isEqualTo("ann");
    assertThat(user.roles()).isEqualTo(Set.of("boss", "sales"));
    assertThat(user.expires()).isAfter(Instant.now());
    refused(jwt, signed(JWSAlgorithm.HS256, new MACSigner("another secret of thirty-two bytes and more"
        .getBytes(StandardCharsets.UTF_8)), claims().build()));
    refused(jwt, signed(JWSAlgorithm.HS256, signer, claims().issuer("them").build()));
    refused(jwt, signed(JWSAlgorithm.HS256, signer, claims().audience("people").build()));
    refused(jwt, signed(JWSAlgorithm.HS256, signer, claims().expirationTime(Date.from(Instant.now().minusSeconds(600))).build()));
    refused(jwt, signed(JWSAlgorithm.HS256, signer, claims().expirationTime(null).build()));
    refused(jwt, signed(JWSAlgorithm.HS256, signer, claims().subject(null).build()));
    assertThat(jwt.authenticate(typed("at+jwt", signer)).name()).as("an access token of RFC 9068").isEqualTo("ann");
    refused(jwt, typed("logout+jwt", signer));
    refused(jwt, new PlainJWT(claims().build()).serialize());
    refused(jwt, "no.token.atall");
    refused(jwt, "");
    refused(jwt, null);
  }

  @Test
  void aPublicKey_isNoSharedSecret() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    String pem = "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----";
    Authenticator jwt = new JwtAuthenticator(pem, null, null);
    assertThat(jwt.authenticate(signed(JWSAlgorithm.RS256, new RSASSASigner(pair.getPrivate()), claims().build())).name())
        .isEqualTo("ann");
    // The classic forgery: the public key used as the secret of an HMAC.
    refused(jwt, signed(JWSAlgorithm.HS256, new MACSigner(pem.getBytes(StandardCharsets.UTF_8)), claims().build()));
    refused(jwt, new PlainJWT(claims().build()).serialize());
  }

  @Test
  void keysThatAreNone_areRefusedAtTheStart() {
    for (String key : List.of("", "secret:short", "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----", "{}")) {
      assertThatThrownBy(() -> new JwtAuthenticator(key, null, null)).isInstanceOf(RebasisException.class)
          .extracting(e -> ((RebasisException) e).code()).isEqualTo(Keyword.of(":rebasis.error/jwt-key"));
    }
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aSetOfKeys_letsInWhatAnyOfThemSigned() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).keyID("r").generate();
    ECKey ec = new ECKeyGenerator(Curve.P_256).keyID("e").generate();
    Authenticator jwt = new JwtAuthenticator(
        new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK())).toString(), "us", "orders");
    assertThat(jwt.authenticate(signed(JWSAlgorithm.RS256, new RSASSASigner(rsa), claims().build())).name()).isEqualTo("ann");
    assertThat(jwt.authenticate(signed(JWSAlgorithm.ES256, new ECDSASigner(ec), claims().build())).name()).isEqualTo("ann");
    refused(jwt, signed(JWSAlgorithm.ES256, new ECDSASigner(new ECKeyGenerator(Curve.P_256).generate()), claims().build()));
    refused(jwt, signed(JWSAlgorithm.ES256, new ECDSASigner(ec), claims().audience("people").build()));
  }

  @Test
  void aTokenFile_knowsItsTokensAndTheirHashes() throws Exception {
    TokenFile file = TokenFile.parse("f", List.of("# who", "", "0123456789abcdef ann boss,sales",
        "sha256:" + sha256("token-of-bob-0123456789") + " bob clerk"));
    assertThat(file.authenticate("token-of-bob-0123456789")).isEqualTo(new User("bob", Set.of("clerk"), null));
    refused(file, sha256("token-of-bob-0123456789"));
    refused(file, "sha256:" + sha256("token-of-bob-0123456789"));
    assertThat(file.authenticate("0123456789abcdef")).isEqualTo(new User("ann", Set.of("boss", "sales"), null));
    refused(file, "0123456789abcdeF");
    refused(file, null);
    for (String line : List.of("short ann", "0123456789abcdef", "sha256:xyz ann", "0123456789abcdef ann a b")) {
      assertThatThrownBy(() -> TokenFile.parse("f", List.of(line))).hasMessageContaining("Line 1")
          .hasMessageNotContaining("0123456789abcdef");
    }
  }

  @Test
  void rulesOfSeveralRoles_addUp() {
    AccessRules rules = AccessRules.parse("{:roles {:a {:hide [:x/a :x/b] :write [:x/c]} :b {:hide [:x/b] :write [:x/d]}"
        + " :c {}} :otherwise {:write []}}");
    AccessRules.Role both = rules.of(new User("u", Set.of("a", "b", "unknown"), null));
    assertThat(both.hidden()).containsExactly(Keyword.of(":x/b"));
    assertThat(both.writable()).containsExactlyInAnyOrder(Keyword.of(":x/c"), Keyword.of(":x/d"));
    assertThat(rules.of(new User("u", Set.of("a", "c"), null)).hidden()).isEmpty();
    assertThat(rules.of(new User("u", Set.of(), null)).writable()).isEmpty();
    assertThat(rules.of(null)).isEqualTo(AccessRules.Role.ALL);
    for (String wrong : List.of("[]", "{:roles {:a {:hidden []}}}", "{:roles {:a {:hide \"x\"}}}", "{:roles {1 {}}}")) {
      assertThatThrownBy(() -> AccessRules.parse(wrong)).hasMessageContaining("access rules cannot be read");
    }
  }
}
