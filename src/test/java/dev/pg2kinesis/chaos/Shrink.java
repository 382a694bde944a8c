package dev.pg2kinesis.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Makes a failing plan smaller: leaves out halves of its parts, then quarters, and so on, as long
 * as the rest still fails (delta debugging). As a plan need not fail each time, each one is tried
 * several times.
 */
final class Shrink {

  /** Whether a plan fails. */
  interface Trial {
    boolean fails(Plan plan) throws Exception;
  }

  private final Trial trial;
  private final int attempts;
  private int trialsLeft;

  /**
   * @param attempts how often a plan is tried before it counts as one that does not fail
   * @param trials how many trials there may be in all
   */
  Shrink(Trial trial, int attempts, int trials) {
    this.trial = trial;
    this.attempts = attempts;
    this.trialsLeft = trials;
  }

  /** The parts of a failing plan that are left. */
  NavigableSet<Integer> shrink(Plan plan) throws Exception {
    NavigableSet<Integer> kept = new TreeSet<>();
    for (int part = 0; part < plan.size(); part++) {
      kept.add(part);
    }
    for (int pieces = 2; trialsLeft > 0 && kept.size() > 1; ) {
      NavigableSet<Integer> smaller = without(plan, kept, pieces);
      if (!smaller.equals(kept)) {
        kept = smaller;
        pieces = Math.max(2, pieces - 1);
      } else if (pieces >= kept.size()) {
        break;
      } else {
        pieces = Math.min(kept.size(), 2 * pieces);
      }
    }
    return kept;
  }

  /** The parts without the first piece that can be left out; all of them if there is none. */
  private NavigableSet<Integer> without(Plan plan, NavigableSet<Integer> kept, int pieces)
      throws Exception {
    List<Integer> parts = new ArrayList<>(kept);
    for (int piece = 0; piece < pieces; piece++) {
      int from = parts.size() * piece / pieces;
      int to = parts.size() * (piece + 1) / pieces;
      NavigableSet<Integer> rest = new TreeSet<>(kept);
      parts.subList(from, to).forEach(rest::remove);
      if (fails(plan.keeping(rest))) {
        return rest;
      }
    }
    return kept;
  }

  private boolean fails(Plan plan) throws Exception {
    for (int i = 0; i < attempts && trialsLeft > 0; i++) {
      trialsLeft--;
      if (trial.fails(plan)) {
        return true;
      }
    }
    return false;
  }
}
