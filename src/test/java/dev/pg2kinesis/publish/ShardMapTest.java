package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where groups are expected, as runs of groups: {@code 0-127 a, 128-255 b}. */
final class ShardMapTest {

  private long now = TimeUnit.SECONDS.toNanos(1);

  private static ShardMap map(int shards) {
    return new ShardMap(Pacing.DEFAULT, shards);
  }

  private void accepted(ShardMap map, int group, String shardId) {
    map.of(group).returned(1);
    ShardPace shard = map.learn(group, shardId, now);
    shard.accepted(1);
    shard.answered(now);
  }

  private void waitASecond() {
    now += TimeUnit.SECONDS.toNanos(1);
  }

  private static String shown(ShardMap map) {
    Map<ShardPace, String> names = new LinkedHashMap<>();
    List<String> runs = new ArrayList<>();
    int from = 0;
    for (int group = 1; group <= KeyGroup.COUNT; group++) {
      if (group == KeyGroup.COUNT || map.of(group) != map.of(from)) {
        ShardPace shard = map.of(from);
        String assumed = "?" + names.size();
        String name = shard.shardId() == null ? assumed : shard.shardId();
        names.putIfAbsent(shard, name);
        runs.add(from + "-" + (group - 1) + " " + names.get(shard));
        from = group;
      }
    }
    return String.join(", ", runs);
  }

  @Test
  void shardsAreAssumedToBeEqual() {
    assertThat(shown(map(1))).isEqualTo("0-255 ?0");
    assertThat(shown(map(3))).isEqualTo("0-85 ?0, 86-170 ?1, 171-255 ?2");
    assertThat(map(1_000).of(255)).isNotSameAs(map(1_000).of(254));
  }

  @Test
  void anAnswerNamesAShard() {
    ShardMap map = map(2);
    accepted(map, 5, "a");
    accepted(map, 200, "b");

    assertThat(shown(map)).isEqualTo("0-127 a, 128-255 b");
  }

  @Test
  void aRefusalNamesNone() {
    ShardMap map = map(2);

    assertThat(map.learn(5, null, now)).isSameAs(map.of(0));
    assertThat(shown(map)).isEqualTo("0-127 ?0, 128-255 ?1");
  }

  @Test
  void fewerShardsThanAssumedAreFound() {
    ShardMap map = map(4);
    accepted(map, 0, "a");
    accepted(map, 100, "a");

    assertThat(shown(map)).isEqualTo("0-127 a, 128-191 ?1, 192-255 ?2");
  }

  @Test
  void moreShardsThanAssumedAreFound() {
    ShardMap map = map(1);
    accepted(map, 10, "a");
    accepted(map, 200, "b");
    assertThat(shown(map)).isEqualTo("0-10 a, 11-255 b");

    accepted(map, 120, "a");

    assertThat(shown(map)).isEqualTo("0-199 a, 200-255 b");
  }

  @Test
  void aSplitIsFollowed() {
    ShardMap map = map(1);
    for (int group = 0; group < KeyGroup.COUNT; group++) {
      accepted(map, group, "parent");
    }
    waitASecond();
    accepted(map, 10, "low");
    accepted(map, 200, "high");
    accepted(map, 127, "low");

    assertThat(shown(map)).isEqualTo("0-199 low, 200-255 high");
  }

  @Test
  void aMergeIsFollowed() {
    ShardMap map = map(2);
    for (int group = 0; group < KeyGroup.COUNT; group++) {
      accepted(map, group, group < 128 ? "low" : "high");
    }
    waitASecond();
    accepted(map, 10, "child");
    accepted(map, 200, "child");

    assertThat(shown(map)).isEqualTo("0-255 child");
  }

  /** The border of two shards need not be a border of groups. */
  @Test
  void aGroupInTwoShardsMovesAlone() {
    ShardMap map = map(3);
    for (int group = 0; group < KeyGroup.COUNT; group++) {
      accepted(map, group, group < 85 ? "a" : group < 171 ? "b" : "c");
    }
    accepted(map, 85, "a");
    assertThat(shown(map)).isEqualTo("0-85 a, 86-170 b, 171-255 c");

    accepted(map, 85, "b");
    assertThat(shown(map)).isEqualTo("0-84 a, 85-170 b, 171-255 c");
  }
}
