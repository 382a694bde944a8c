package dev.pg2kinesis.kinesis;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A shard of a {@link FakeStream}: a range of hash keys and the records put into it. */
final class FakeShard {

  final int number;
  final BigInteger from;
  final BigInteger to;
  final List<FakeShard> parents;
  final @Nullable ShardQuota quota;
  final List<Delivery> deliveries = new ArrayList<>();
  boolean open = true;
  long put;

  FakeShard(
      int number,
      BigInteger from,
      BigInteger to,
      List<FakeShard> parents,
      @Nullable ShardQuota quota) {
    this.number = number;
    this.from = from;
    this.to = to;
    this.parents = parents;
    this.quota = quota;
  }

  String id() {
    return "shardId-" + "%012d".formatted(number);
  }
}
