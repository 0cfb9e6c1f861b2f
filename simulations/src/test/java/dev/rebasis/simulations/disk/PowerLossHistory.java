package dev.rebasis.simulations.disk;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One random history of a log: several lives, each of random appends, forces, passing time and clean closes, each ended by
 * a crash at a random change of the disk. After each crash the log must hold what one of the states since the last
 * acknowledged one held, exactly.
 */
final class PowerLossHistory {

    enum Crash { POWER, PROCESS }

    /** What to vary. {@code ages}: time passes by minutes now and then, so that H2 reuses space. */
    record Plan(Crash crash, boolean ages, boolean groups, boolean large) {
        static final Plan POWER = new Plan(Crash.POWER, true, true, true);
        static final Plan KILL = new Plan(Crash.PROCESS, true, true, true);
    }

    private final Random random;
    private final AppendLog.Opener opener;
    private final Plan plan;
    private final SimDisk disk;
    private SortedMap<Long, String> acknowledged = new TreeMap<>();
    private final List<Map<Long, String>> inDoubt = new ArrayList<>();
    private final SortedMap<Long, String> current = new TreeMap<>();
    private long nextSeq = 1;
    private int version;
    private final List<String> trace = new ArrayList<>();

    private PowerLossHistory(long seed, AppendLog.Opener opener, Plan plan, SimDisk disk) {
        this.random = new Random(seed);
        this.opener = opener;
        this.plan = plan;
        this.disk = disk;
    }

    /** Returns null if the log kept its promise, else what it broke. */
    static String run(long seed, AppendLog.Opener opener, Plan plan) {
        String name = "history-" + plan.crash + "-" + seed + "-" + System.identityHashCode(opener);
        try (SimDisk disk = SimDisk.create(name, seed)) {
            PowerLossHistory history = new PowerLossHistory(seed, opener, plan, disk);
            String broken = history.live();
            return broken == null ? null : "seed " + seed + ": " + broken
                + (Boolean.getBoolean("trace") ? "\n" + String.join("\n", history.trace) : "");
        }
    }

    private String live() {
        int lives = 2 + random.nextInt(5);
        for (int life = 1; life <= lives; life++) {
            planCrash();
            oneLife(life);
            String broken = verify(life);
            if (broken != null) {
                return broken;
            }
        }
        return null;
    }

    private void planCrash() {
        if (random.nextInt(6) > 0) {
            // early changes are the interesting ones: opening, recovery, first reuse
            int n = 1 + random.nextInt(1 << (2 + random.nextInt(8)));
            disk.faults().cutPowerAt(n);
            trace.add("cut at " + n);
        }
    }

    private void oneLife(int life) {
        AppendLog log = null;
        try {
            log = opener.open(disk.url("log", ""));
            int steps = 1 + random.nextInt(30);
            for (int i = 0; i < steps; i++) {
                log = step(log);
            }
        } catch (SQLException | RuntimeException e) {
            if (!disk.faults().isOff()) {
                throw new IllegalStateException("failed with the power on, in life " + life, e);
            }
        }
        trace.add("crash of life " + life + ", off=" + disk.faults().isOff() + " " + disk.counters());
        if (plan.crash == Crash.POWER) {
            disk.powerLoss();
        } else {
            disk.processCrash();
        }
        if (log != null) {
            log.abandon();
        }
    }

    private AppendLog step(AppendLog log) throws SQLException {
        if (plan.ages && random.nextInt(4) == 0) {
            long millis = random.nextBoolean() ? 60_000 : random.nextInt(50_000);
            trace.add("age " + millis);
            log.advanceClock(millis);
        }
        if (random.nextInt(12) == 0) {
            trace.add("close " + disk.counters());
            log.close();
            acknowledge();
            trace.add("open " + disk.counters());
            return opener.open(disk.url("log", ""));
        }
        int appends = plan.groups && random.nextInt(4) == 0 ? 2 + random.nextInt(6) : 1;
        for (int i = 0; i < appends; i++) {
            Map<Long, String> batch = batch();
            trace.add("append " + batch.size() + " " + disk.counters());
            inDoubt.add(batch);
            apply(batch, current);
            log.append(batch);
        }
        trace.add("force " + disk.counters());
        log.force();
        trace.add("forced " + disk.counters());
        acknowledge();
        return log;
    }

    private Map<Long, String> batch() {
        int size = switch (random.nextInt(plan.large ? 20 : 18)) {
            case 18 -> 200 + random.nextInt(800);
            case 19 -> 1_000 + random.nextInt(3_000);
            default -> 1 + random.nextInt(1 << random.nextInt(6));
        };
        boolean bulkDelete = size > 100 && random.nextBoolean();
        Map<Long, String> batch = new TreeMap<>();
        for (int i = 0; i < size; i++) {
            long old = 1 + (long) (random.nextDouble() * nextSeq);
            switch (bulkDelete ? 5 : random.nextInt(6)) {
                case 4 -> batch.put(old, payload(old, size));
                case 5 -> batch.put(old, null);
                default -> {
                    batch.put(nextSeq, payload(nextSeq, size));
                    nextSeq++;
                }
            }
        }
        return batch;
    }

    private String payload(long seq, int batchSize) {
        int length = random.nextInt(batchSize > 100 ? 200 : 1 << (4 + random.nextInt(9)));
        StringBuilder text = new StringBuilder().append(seq).append(':').append(++version).append(':');
        long state = seq * 31 + version;
        while (text.length() < length) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            text.append((char) (' ' + (state >>> 58)));
        }
        return text.toString();
    }

    private void acknowledge() {
        inDoubt.forEach(batch -> apply(batch, acknowledged));
        inDoubt.clear();
    }

    private static void apply(Map<Long, String> batch, SortedMap<Long, String> rows) {
        batch.forEach((seq, payload) -> {
            if (payload == null) {
                rows.remove(seq);
            } else {
                rows.put(seq, payload);
            }
        });
    }

    private String verify(int life) {
        SortedMap<Long, String> found;
        AppendLog log = null;
        try {
            log = opener.open(disk.url("log", ""));
            found = log.readAll();
            // what was read is relied upon from here on
            log.force();
            if (random.nextBoolean()) {
                log.close();
            }
        } catch (SQLException | RuntimeException e) {
            if (Boolean.getBoolean("trace")) e.printStackTrace();
            return "UNREADABLE after life " + life + ": " + rootMessage(e);
        } finally {
            if (log != null) {
                disk.processCrash();
                log.abandon();
            }
        }
        SortedMap<Long, String> state = new TreeMap<>(acknowledged);
        boolean matches = state.equals(found);
        for (int i = 0; !matches && i < inDoubt.size(); i++) {
            apply(inDoubt.get(i), state);
            matches = state.equals(found);
        }
        if (!matches) {
            return "LOST after life " + life + ": " + difference(found);
        }
        acknowledged = state;
        inDoubt.clear();
        current.clear();
        current.putAll(state);
        return null;
    }

    private String difference(SortedMap<Long, String> found) {
        int missing = 0;
        int other = 0;
        int extra = 0;
        for (Map.Entry<Long, String> row : acknowledged.entrySet()) {
            String there = found.get(row.getKey());
            missing += there == null ? 1 : 0;
            other += there != null && !there.equals(row.getValue()) ? 1 : 0;
        }
        for (Long seq : found.keySet()) {
            extra += acknowledged.containsKey(seq) ? 0 : 1;
        }
        return "of " + acknowledged.size() + " acknowledged rows " + missing + " are missing, " + other
                + " differ, " + extra + " are extra; " + inDoubt.size() + " transactions in doubt";
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + String.valueOf(root.getMessage()).split("\n")[0];
    }
}
