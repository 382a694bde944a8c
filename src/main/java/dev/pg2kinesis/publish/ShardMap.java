package dev.pg2kinesis.publish;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which shard a key group goes to, as far as answers have told. Before the first answer, shards are
 * assumed to be equal slices of the hash-key range. Shards are contiguous, so an answer for one
 * group is believed for its neighbours too, until they have answers of their own. Pure.
 */
final class ShardMap {

  private final Pacing pacing;
  private final ShardPace[] byGroup = new ShardPace[KeyGroup.COUNT];
  private final Map<String, ShardPace> byId = new HashMap<>();

  /** The groups of which the shard has accepted a record. */
  private final BitSet confirmed = new BitSet(KeyGroup.COUNT);

  /**
   * @param shards how many shards there are, or are assumed to be
   */
  ShardMap(Pacing pacing, int shards) {
    this.pacing = pacing;
    ShardPace[] assumed = new ShardPace[Math.min(shards, KeyGroup.COUNT)];
    for (int i = 0; i < assumed.length; i++) {
      assumed[i] = new ShardPace(pacing);
    }
    for (int group = 0; group < byGroup.length; group++) {
      byGroup[group] = assumed[group * assumed.length / byGroup.length];
    }
  }

  /** The shard that a group's next record is expected to go to. */
  ShardPace of(int group) {
    return byGroup[group];
  }

  /**
   * Learns where a group's record went.
   *
   * @param shardId the shard, or null if the answer does not name it
   * @return the shard as it is known now
   */
  ShardPace learn(int group, @Nullable String shardId, long nowNanos) {
    ShardPace expected = byGroup[group];
    if (shardId == null) {
      return expected;
    }
    ShardPace found = shardId.equals(expected.shardId()) ? expected : shard(shardId, expected);
    if (found != expected) {
      if (expected.seemsClosed(nowNanos)) {
        confirmAgain(expected);
      } else if (confirmed.get(group)) {
        // A group that lies in two shards.
        confirmed.clear(group);
      }
      spread(group, expected, found);
    }
    confirmed.set(group);
    return found;
  }

  private ShardPace shard(String shardId, ShardPace expected) {
    ShardPace known = byId.get(shardId);
    if (known != null) {
      return known;
    }
    ShardPace shard = expected.shardId() == null ? expected : new ShardPace(pacing);
    shard.name(shardId);
    byId.put(shardId, shard);
    return shard;
  }

  private void confirmAgain(ShardPace closed) {
    for (int group = 0; group < byGroup.length; group++) {
      if (byGroup[group] == closed) {
        confirmed.clear(group);
      }
    }
  }

  /** Moves a group, and its neighbours that were only assumed to be in the same shard. */
  private void spread(int group, ShardPace from, ShardPace to) {
    for (int i = group; i >= 0 && isAssumed(i, from); i--) {
      byGroup[i] = to;
    }
    for (int i = group + 1; i < byGroup.length && isAssumed(i, from); i++) {
      byGroup[i] = to;
    }
  }

  private boolean isAssumed(int group, ShardPace shard) {
    return byGroup[group] == shard && !confirmed.get(group);
  }
}
