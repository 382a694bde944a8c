package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A shard of 1,000 records and 1,000,000 bytes a second; records of 100 bytes unless said. */
final class ShardPaceTest {

  private static final int TICK = 20;

  private final ShardPace shard =
      new ShardPace(
          new Pacing(
              new RetryPolicy(0, 0),
              new RetryPolicy(0, 0),
              TICK,
              new Pacing.ShardQuota(1_000, 1_000_000)));

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private int affordable(long atMillis) {
    shard.refill(millis(atMillis));
    return shard.affordable(100);
  }

  /** Sends as much as may go and has all but some of it accepted. */
  private int send(long atMillis, int refused) {
    int records = affordable(atMillis);
    for (int i = 0; i < records; i++) {
      shard.sent(100);
    }
    answer(records - refused, refused, atMillis);
    return records;
  }

  private void answer(int accepted, int refused, long atMillis) {
    for (int i = 0; i < accepted + refused; i++) {
      shard.returned(100);
    }
    for (int i = 0; i < accepted; i++) {
      shard.accepted(100);
    }
    if (refused > 0) {
      shard.refused();
    }
    shard.answered(millis(atMillis));
  }

  @Test
  void beforeTheFirstRefusalMoreMayBeOnItsWayWithEachAnswer() {
    assertThat(send(0, 0)).isEqualTo(125);
    assertThat(send(0, 0)).isEqualTo(187);
    assertThat(send(0, 0)).isEqualTo(250);
  }

  @Test
  void whatIsOnItsWayCountsBeforeTheFirstRefusal() {
    for (int i = 0; i < 100; i++) {
      shard.sent(100);
    }

    assertThat(affordable(0)).isEqualTo(25);
  }

  @Test
  void afterARefusalTheQuotaComesBackTickByTick() {
    send(0, 1);

    assertThat(affordable(0)).isZero();
    assertThat(affordable(19)).isZero();
    assertThat(shard.nanosUntilAffordable(100, millis(19))).isEqualTo(millis(1));
    assertThat(affordable(20)).isEqualTo(20);
    assertThat(affordable(39)).isEqualTo(20);
    assertThat(affordable(40)).isEqualTo(40);
  }

  @Test
  void aSecondsQuotaIsStored() {
    send(0, 1);

    assertThat(affordable(10_000)).isEqualTo(1_000);
  }

  @Test
  void bytesCountAsRecordsDo() {
    send(0, 1);
    shard.refill(millis(100));

    assertThat(shard.affordable(50_000)).isEqualTo(2);
    assertThat(shard.affordable(100_001)).isZero();
    assertThat(shard.nanosUntilAffordable(150_000, millis(100))).isEqualTo(millis(60));
  }

  /** It waits for a full bucket, and the next record for what it has taken too much. */
  @Test
  void aRecordThatIsLargerThanTheBucketGoesWhenTheBucketIsFull() {
    send(0, 1);
    shard.refill(millis(980));
    assertThat(shard.affordable(10_000_000)).isZero();
    shard.refill(millis(1_000));
    assertThat(shard.affordable(10_000_000)).isEqualTo(1);

    shard.sent(10_000_000);

    assertThat(shard.nanosUntilAffordable(100, millis(1_000)))
        .isBetween(millis(1_000), millis(1_020));
  }

  @Test
  void theRateThatOthersLeaveIsMeasuredFromRefusalToRefusal() {
    send(0, 1);
    // Others take half: of what is sent, half is refused.
    for (int at = TICK; at <= 1_000; at += TICK) {
      send(at, affordable(at) / 2);
    }
    assertThat(affordable(1_100)).isEqualTo(50);
  }

  @Test
  void aRateIsNotMeasuredWhileTheShardIsNotBusy() {
    send(0, 1);
    affordable(900);
    answer(10, 0, 900);
    answer(0, 1, 1_500);

    assertThat(affordable(1_600)).isEqualTo(100);
  }

  @Test
  void theRateGrowsFasterAndFasterWhileNothingIsRefused() {
    send(0, 1);
    int first = sent(1, 1_000);
    int second = sent(1_001, 2_000);
    int fourth = 0;
    for (int from = 2_001; from < 4_000; from += 1_000) {
      fourth = sent(from, from + 999);
    }

    assertThat((double) first).isCloseTo(1_015, within(20.0));
    assertThat(second).isBetween(first + 10, first + 60);
    assertThat(fourth - second).isGreaterThan(2 * (second - first));
  }

  private int sent(int fromMillis, int toMillis) {
    int records = 0;
    for (int at = fromMillis; at <= toMillis; at++) {
      records += send(at, 0);
    }
    return records;
  }

  @Test
  void aShardSeemsClosedWhenItHasAcceptedNothingForAWhile() {
    send(1_000, 0);

    assertThat(shard.seemsClosed(millis(1_500))).isFalse();
    assertThat(shard.seemsClosed(millis(1_501))).isTrue();
  }
}
