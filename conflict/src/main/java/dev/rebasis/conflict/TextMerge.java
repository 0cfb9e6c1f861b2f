package dev.rebasis.conflict;

import com.github.difflib.DiffUtils;
import com.github.difflib.algorithm.myers.MyersDiffWithLinearSpace;
import com.github.difflib.patch.AbstractDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The policy that merges two changes of a text: three-way, by line, and inside lines that both changed by word. Pure.
 *
 * <p>The method is that of diff3 (Khanna, Kunal, Pierce: "A Formal Investigation of Diff3", 2007), with one difference:
 * what both sides insert at the same place both stand, the remote before the local, since neither changed a word of
 * the other. Both sides' differences come from Myers's algorithm ("An O(ND) Difference Algorithm", 1986) in linear
 * space; texts so long that it could take seconds are not merged.
 */
final class TextMerge {
  /** More lines, or words inside the lines that both changed, than this are not compared: the time grows as a square. */
  private static final int TOKENS_MAX = 5_000;

  private static final Pattern LINE = Pattern.compile("[^\n]*\n|[^\n]+");
  private static final Pattern WORD = Pattern.compile("\\s+|[\\p{L}\\p{N}_]+|.", Pattern.DOTALL);

  private static final String MARK_BEGIN = "<<<<<<< ";
  private static final String MARK_MIDDLE = " ======= ";
  private static final String MARK_END = " >>>>>>>";

  private final boolean marks;
  private final StringBuilder merged = new StringBuilder();
  private boolean unmerged;

  private TextMerge(boolean marks) {
    this.marks = marks;
  }

  static Resolved resolve(Meeting meeting, boolean marks) {
    if (meeting.local().isEmpty() || meeting.remote().isEmpty()) {
      return Resolved.park("One side removed the text that the other changed.");
    }
    String local = (String) meeting.local().get(0);
    String remote = (String) meeting.remote().get(0);
    String base = meeting.base().isEmpty() ? "" : (String) meeting.base().get(0);
    String text = merge(base, local, remote, marks);
    return text == null ? Resolved.park("Both sides changed the same words.") : Resolved.value(text);
  }

  /** The merged text, or null if both sides changed the same words and no marks are wanted. */
  static String merge(String base, String local, String remote, boolean marks) {
    if (local.equals(base) || local.equals(remote)) {
      return remote;
    }
    if (remote.equals(base)) {
      return local;
    }
    TextMerge merge = new TextMerge(marks);
    merge.merge(base, local, remote, LINE);
    return merge.unmerged ? null : merge.merged.toString();
  }

  private void merge(String base, String local, String remote, Pattern token) {
    List<String> tokens = tokens(base, token);
    List<String> localTokens = tokens(local, token);
    List<String> remoteTokens = tokens(remote, token);
    if (Math.max(tokens.size(), Math.max(localTokens.size(), remoteTokens.size())) > TOKENS_MAX) {
      cannot(local, remote);
      return;
    }
    Side here = new Side(tokens, localTokens);
    Side there = new Side(tokens, remoteTokens);
    int at = 0;
    while (here.hasNext() || there.hasNext()) {
      int begin = Math.min(here.nextBegin(), there.nextBegin());
      append(tokens, at, begin);
      at = hunk(begin, tokens, here, there, token);
    }
    append(tokens, at, tokens.size());
  }

  /** Merges the changes that begin at a place and all that overlap them; gives where the rest of the base begins. */
  private int hunk(int begin, List<String> tokens, Side here, Side there, Pattern token) {
    int end = begin;
    StringBuilder local = new StringBuilder();
    StringBuilder remote = new StringBuilder();
    // Insertions come before what is changed behind them, and overlap nothing.
    if (here.isInsertionAt(begin) || there.isInsertionAt(begin)) {
      String ours = here.isInsertionAt(begin) ? here.take() : "";
      String theirs = there.isInsertionAt(begin) ? there.take() : "";
      merged.append(theirs).append(ours.equals(theirs) ? "" : ours);
      return begin;
    }
    int localAt = begin;
    int remoteAt = begin;
    boolean more = true;
    while (more) {
      more = false;
      if (here.nextBegin() < end || here.nextBegin() == begin) {
        append(local, tokens, localAt, here.nextBegin());
        int until = here.nextEnd();
        local.append(here.take());
        localAt = until;
        end = Math.max(end, until);
        more = true;
      }
      if (there.nextBegin() < end || there.nextBegin() == begin) {
        append(remote, tokens, remoteAt, there.nextBegin());
        int until = there.nextEnd();
        remote.append(there.take());
        remoteAt = until;
        end = Math.max(end, until);
        more = true;
      }
    }
    append(local, tokens, localAt, end);
    append(remote, tokens, remoteAt, end);
    String base = String.join("", tokens.subList(begin, end));
    settle(base, local.toString(), remote.toString(), token);
    return end;
  }

  private void settle(String base, String local, String remote, Pattern token) {
    if (local.equals(base) || local.equals(remote)) {
      merged.append(remote);
    } else if (remote.equals(base)) {
      merged.append(local);
    } else if (token == LINE) {
      merge(base, local, remote, WORD);
    } else {
      cannot(local, remote);
    }
  }

  private void cannot(String local, String remote) {
    unmerged |= !marks;
    merged.append(MARK_BEGIN).append(remote).append(MARK_MIDDLE).append(local).append(MARK_END);
  }

  private void append(List<String> tokens, int from, int to) {
    append(merged, tokens, from, to);
  }

  private static void append(StringBuilder text, List<String> tokens, int from, int to) {
    for (int i = from; i < to; i++) {
      text.append(tokens.get(i));
    }
  }

  private static List<String> tokens(String text, Pattern token) {
    List<String> tokens = new ArrayList<>();
    for (Matcher matcher = token.matcher(text); matcher.find();) {
      tokens.add(matcher.group());
    }
    return tokens;
  }

  /** A range of the base and what stands there instead. */
  private record Change(int begin, int end, String text) {}

  /** One side's changes of the base, in order. */
  private static final class Side {
    private final List<Change> changes = new ArrayList<>();
    private int next;

    Side(List<String> base, List<String> changed) {
      for (AbstractDelta<String> delta
          : DiffUtils.diff(base, changed, new MyersDiffWithLinearSpace<String>()).getDeltas()) {
        int begin = delta.getSource().getPosition();
        add(new Change(begin, begin + delta.getSource().size(), String.join("", delta.getTarget().getLines())));
      }
    }

    /** The library gives a replaced range as a deletion and an insertion beside it; they are one change. */
    private void add(Change change) {
      Change last = changes.isEmpty() ? null : changes.get(changes.size() - 1);
      if (last != null && last.end == change.begin) {
        changes.set(changes.size() - 1, new Change(last.begin, change.end, last.text + change.text));
      } else {
        changes.add(change);
      }
    }

    boolean hasNext() {
      return next < changes.size();
    }

    int nextBegin() {
      return hasNext() ? changes.get(next).begin : Integer.MAX_VALUE;
    }

    int nextEnd() {
      return changes.get(next).end;
    }

    boolean isInsertionAt(int place) {
      return nextBegin() == place && nextEnd() == place;
    }

    String take() {
      return changes.get(next++).text;
    }
  }
}
