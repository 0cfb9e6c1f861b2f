package dev.rebasis.simulations.disk;

import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

final class Measure {
    static final Map<String, String[]> SETTINGS = new LinkedHashMap<>();
    static {
        String s = "CHECKPOINT SYNC";
        SETTINGS.put("unsafe", new String[]{";WRITE_DELAY=0", s, ""});
        SETTINGS.put("ret0", new String[]{";WRITE_DELAY=0;RETENTION_TIME=0", s, ""});
        SETTINGS.put("mct0", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0", s, ""});
        SETTINGS.put("mct0-ret0", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0;RETENTION_TIME=0", s, ""});
        SETTINGS.put("mct0-mv", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0", "MVSTORE", ""});
        SETTINGS.put("mct0-imm", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0", s, "CHECKPOINT SYNC;SHUTDOWN IMMEDIATELY"});
        SETTINGS.put("reuse", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0;REUSE_SPACE=FALSE", s, ""});
        SETTINGS.put("reuse-imm", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0;REUSE_SPACE=FALSE", s, "CHECKPOINT SYNC;SHUTDOWN IMMEDIATELY"});
        SETTINGS.put("retmax", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0;RETENTION_TIME=2147483647", s, ""});
        SETTINGS.put("retmax-imm", new String[]{";WRITE_DELAY=0;MAX_COMPACT_TIME=0;RETENTION_TIME=2147483647", s, "CHECKPOINT SYNC;SHUTDOWN IMMEDIATELY"});
        SETTINGS.put("default", new String[]{"", s, ""});
        SETTINGS.put("default-noforce", new String[]{"", "", ""});
        SETTINGS.put("wd0-noforce", new String[]{";WRITE_DELAY=0", "", ""});
    }

    public static void main(String[] a) throws Exception {
        String setting = a[0];
        int n = Integer.parseInt(a[1]);
        long from = a.length > 2 ? Long.parseLong(a[2]) : 0;
        String flags = a.length > 3 ? a[3] : "agl";
        PowerLossHistory.Plan plan = new PowerLossHistory.Plan(
            flags.contains("k") ? PowerLossHistory.Crash.PROCESS : PowerLossHistory.Crash.POWER,
            flags.contains("a"), flags.contains("g"), flags.contains("l"));
        String[] s = SETTINGS.get(setting);
        AppendLog.Opener opener = H2AppendLog.opener(s[0], s[1], s[2]);
        long t = System.nanoTime();
        ExecutorService pool = Executors.newFixedThreadPool(2);
        List<Future<String>> all = new ArrayList<>();
        for (long i = from; i < from + n; i++) { long seed = i; all.add(pool.submit(() -> PowerLossHistory.run(seed, opener, plan))); }
        int lost = 0, unreadable = 0, other = 0; List<String> ex = new ArrayList<>();
        for (Future<String> f : all) {
            try { String r = f.get(); if (r == null) continue;
                if (r.contains("LOST")) lost++; else unreadable++; ex.add(r);
            } catch (ExecutionException e) { other++; if (other <= 2) e.getCause().printStackTrace(); }
        }
        pool.shutdown();
        System.out.printf("%-16s %-4s of %d: lost %d, unreadable %d, errors %d; %d s%n", setting, flags, n, lost, unreadable, other, (System.nanoTime()-t)/1_000_000_000);
        ex.stream().limit(Integer.getInteger("show", 4)).forEach(System.out::println);
    }
}
