package dev.rebasis.simulations.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DemoDataTest {

    private static final List<String> COUNTRY_COLUMNS = List.of("iso2", "name", "continent");
    private static final List<String> CITY_COLUMNS = List.of(
            "geonames_id", "name", "iso2", "population", "latitude", "longitude", "feature_code", "admin1_code");

    private final List<List<String>> countries = rows("countries.tsv", COUNTRY_COLUMNS);
    private final List<List<String>> cities = rows("cities.tsv", CITY_COLUMNS);

    @Test
    void countriesHaveUniqueSortedCodesAndNames() {
        assertThat(countries).hasSize(250);
        assertThat(countries).extracting(row -> row.get(0))
                .allMatch(code -> code.matches("[A-Z]{2}"))
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(countries).extracting(row -> row.get(1))
                .noneMatch(String::isBlank)
                .doesNotHaveDuplicates();
        assertThat(countries).extracting(row -> row.get(2))
                .containsOnly("Africa", "Antarctica", "Asia", "Europe", "North America", "Oceania", "South America");
    }

    @Test
    void citiesHaveUniqueIdsInOrder() {
        assertThat(cities).hasSize(4723);
        assertThat(cities).extracting(row -> Long.parseLong(row.get(0)))
                .allMatch(id -> id > 0)
                .doesNotHaveDuplicates()
                .isSortedAccordingTo(Comparator.naturalOrder());
    }

    @Test
    void everyCityLiesInAListedCountry() {
        Set<String> codes = countries.stream().map(row -> row.get(0)).collect(Collectors.toSet());
        assertThat(cities).allSatisfy(row -> assertThat(codes).contains(row.get(2)));
    }

    @Test
    void everyCityIsLargeAndOnTheGlobe() {
        assertThat(cities).allSatisfy(row -> {
            assertThat(row.get(1)).isNotBlank();
            assertThat(Long.parseLong(row.get(3))).isGreaterThanOrEqualTo(100_000);
            assertThat(Double.parseDouble(row.get(4))).isBetween(-90.0, 90.0);
            assertThat(Double.parseDouble(row.get(5))).isBetween(-180.0, 180.0);
            assertThat(row.get(6)).startsWith("PPL").isNotIn("PPLX", "PPLH", "PPLQ", "PPLW");
        });
    }

    @Test
    void namesKeepTheirAccents() {
        assertThat(cities).filteredOn(row -> row.get(0).equals("3448439")).containsExactly(
                List.of("3448439", "São Paulo", "BR", "12400232", "-23.5475", "-46.63611", "PPLA", "27"));
    }

    private static List<List<String>> rows(String file, List<String> columns) {
        List<List<String>> rows = text(file).lines().map(line -> List.of(line.split("\t", -1))).toList();
        assertThat(rows.get(0)).as("header of %s", file).isEqualTo(columns);
        assertThat(rows).as(file).allSatisfy(row -> {
            assertThat(row).hasSameSizeAs(columns);
            assertThat(row).allSatisfy(field -> assertThat(field).isEqualTo(field.strip()).doesNotContain("\uFFFD"));
        });
        return rows.subList(1, rows.size());
    }

    /** Reads a resource and fails on bytes that are not UTF-8. */
    private static String text(String file) {
        try (InputStream in = DemoDataTest.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(in.readAllBytes())).toString();
        } catch (IOException e) {
            throw new AssertionError(file, e);
        }
    }
}
