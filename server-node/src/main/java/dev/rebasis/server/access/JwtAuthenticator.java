package dev.rebasis.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JSON Web Tokens (RFC 7519), verified by Nimbus JOSE+JWT. The user is the claim {@code sub}, the roles are the claim
 * {@code roles} (a list, or words in one string); {@code exp} is needed and {@code nbf} is obeyed. The key decides the
 * algorithm, never the token: a shared secret means HS256, HS384 or HS512, an RSA key RS256 or PS256 (and so on), an EC
 * key ES256 (and so on); {@code none} is refused. Threads may share it.
 */
public final class JwtAuthenticator implements Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(JwtAuthenticator.class);
  /** Of access tokens by RFC 9068. */
  private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");

  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

  /**
   * Makes an authenticator.
   *
   * @param key a public key or certificate in PEM, or a set of keys as JSON (JWKS), or, behind {@code secret:}, a shared
   *     secret of at least 32 bytes
   * @param issuer what the claim {@code iss} must be, null for anything
   * @param audience what the claim {@code aud} must hold, null for anything
   * @throws RebasisException {@code :rebasis.error/jwt-key} if the key is none; the message does not show it
   */
  public JwtAuthenticator(String key, String issuer, String audience) {
    JWKSet keys = read(key.strip());
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms(keys), new ImmutableJWKSet<>(keys)));
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, ACCESS_TOKEN, null));
    JWTClaimsSet.Builder exact = new JWTClaimsSet.Builder();
    if (issuer != null) {
      exact.issuer(issuer);
    }
    processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
        audience, exact.build(), new HashSet<>(Set.of("sub", "exp"))));
  }

  private static JWKSet read(String key) {
    try {
      if (key.startsWith("secret:")) {
        byte[] secret = key.substring("secret:".length()).getBytes(StandardCharsets.UTF_8);
        if (secret.length < 32) {
          throw wrong("the secret has fewer than 32 bytes", null);
        }
        return new JWKSet(new OctetSequenceKey.Builder(secret).keyUse(KeyUse.SIGNATURE).build());
      }
      return key.startsWith("{") ? JWKSet.parse(key) : new JWKSet(pem(key));
    } catch (ParseException | GeneralSecurityException | IllegalArgumentException e) {
      throw wrong(e.getMessage(), e);
    }
  }

  private static JWK pem(String text) throws GeneralSecurityException {
    PublicKey key = text.contains("BEGIN CERTIFICATE")
        ? CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII))).getPublicKey()
        : publicKey(Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", "").strip()));
    if (key instanceof RSAPublicKey rsa) {
      return new RSAKey.Builder(rsa).keyUse(KeyUse.SIGNATURE).build();
    }
    if (key instanceof ECPublicKey ec) {
      return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).keyUse(KeyUse.SIGNATURE).build();
    }
    throw wrong("it is of type " + key.getAlgorithm() + ", neither RSA nor EC", null);
  }

  private static PublicKey publicKey(byte[] encoded) throws GeneralSecurityException {
    try {
      return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (InvalidKeySpecException e) {
      return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
    }
  }

  private static RebasisException wrong(String why, Exception cause) {
    return new RebasisException(Keyword.of(":rebasis.error/jwt-key"), ErrorCategory.FIX_REQUEST,
        "The key for JSON Web Tokens cannot be used: " + why + ". Give a public key in PEM, a JWKS, or 'secret:' and at"
            + " least 32 bytes.", Map.of(), cause);
  }

  private static Set<JWSAlgorithm> algorithms(JWKSet keys) {
    Set<JWSAlgorithm> algorithms = new HashSet<>();
    for (JWK key : keys.getKeys()) {
      if (key instanceof RSAKey) {
        algorithms.addAll(JWSAlgorithm.Family.RSA);
      } else if (key instanceof ECKey) {
        algorithms.addAll(JWSAlgorithm.Family.EC);
      } else if (key instanceof OctetSequenceKey && keys.getKeys().size() == 1) {
        algorithms.addAll(JWSAlgorithm.Family.HMAC_SHA);
      } else {
        throw wrong("it holds a key of type " + key.getKeyType() + " among others", null);
      }
    }
    if (algorithms.isEmpty()) {
      throw wrong("there is no key in it", null);
    }
    return algorithms;
  }

  @Override
  public User authenticate(String token) {
    if (token == null) {
      throw Authenticator.unauthorized("A token is needed.");
    }
    try {
      JWTClaimsSet claims = processor.process(token, null);
      return new User(claims.getSubject(), roles(claims), claims.getExpirationTime().toInstant());
    } catch (ParseException | BadJOSEException | JOSEException e) {
      // For the operator: whoever shows a token is not told what would make a better one.
      LOG.info("A JSON Web Token is refused: {}", e.getMessage());
      throw Authenticator.unauthorized("The token is not valid.");
    }
  }

  private static Set<String> roles(JWTClaimsSet claims) throws ParseException {
    Object roles = claims.getClaim("roles");
    if (roles instanceof String words) {
      return words.isBlank() ? Set.of() : Set.of(words.strip().split("\\s+"));
    }
    List<String> list = claims.getStringListClaim("roles");
    return list == null ? Set.of() : new HashSet<>(list);
  }
}
