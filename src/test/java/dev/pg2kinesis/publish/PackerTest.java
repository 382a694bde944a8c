package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

final class PackerTest {

  private static StreamRecord change(String key, String payload) {
    return new StreamRecord(key, payload.getBytes(StandardCharsets.UTF_8), new Lsn(1), 0);
  }

  @Test
  void linesOfAGroupAreOneRecordUnderItsKey() {
    LinePacker packer = new LinePacker(7, new PackBuffers(100, 1 << 20));
    assertThat(packer.isEmpty()).isTrue();
    assertThat(packer.add(change("a", "{\"a\":1}"), 0, 10)).isNull();
    assertThat(packer.add(change("b", "{\"b\":\"ü\"}"), 1, 10)).isNull();

    Entry entry = packer.seal();

    assertThat(new String(entry.data(), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":1}\n{\"b\":\"ü\"}");
    assertThat(entry.partitionKey).isEqualTo("group-7");
    assertThat(entry.hashKey).isEqualTo(KeyGroup.hashKey(7));
    assertThat(entry.size).isEqualTo(entry.length + "group-7".length());
    assertThat(entry.pendingBytes).isEqualTo(20);
    assertThat(packer.isEmpty()).isTrue();
  }

  @Test
  void aLineThatDoesNotFitBeginsTheNextRecord() {
    LinePacker packer = new LinePacker(0, new PackBuffers(11, 1 << 20));
    packer.add(change("a", "12345"), 0, 0);
    assertThat(packer.add(change("a", "67890"), 1, 0)).isNull();

    Entry full = Objects.requireNonNull(packer.add(change("a", "x"), 2, 0));

    assertThat(new String(full.data(), StandardCharsets.UTF_8)).isEqualTo("12345\n67890");
    assertThat(new String(packer.seal().data(), StandardCharsets.UTF_8)).isEqualTo("x");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 16_383, 16_384, 49_000, 70_000})
  void aKplAggregateIsWhatItsConsumersTakeApart(int bytes) {
    KplPacker packer = new KplPacker(200, new PackBuffers(SendQueue.PACKED_BYTES, 1 << 20));
    List<StreamRecord> changes = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      StreamRecord change = change("ключ-" + i % 140, "x".repeat(i == 0 ? bytes : i) + "\n" + i);
      changes.add(change);
      Entry complete = packer.add(change, i, 1);
      if (complete != null) {
        entries.add(complete);
      }
    }
    entries.add(packer.seal());

    List<KinesisClientRecord> records = new ArrayList<>();
    for (Entry entry : entries) {
      records.addAll(Versions.deaggregated(wholeRange(entry)));
    }

    assertThat(records)
        .extracting(KinesisClientRecord::partitionKey)
        .isEqualTo(changes.stream().map(StreamRecord::partitionKey).toList());
    assertThat(records)
        .extracting(r -> StandardCharsets.UTF_8.decode(r.data()).toString())
        .isEqualTo(
            changes.stream().map(c -> new String(c.payload(), StandardCharsets.UTF_8)).toList());
    assertThat(records).allMatch(KinesisClientRecord::aggregated);
    assertThat(entries)
        .hasSizeGreaterThan(1)
        .allMatch(e -> e.length <= SendQueue.PACKED_BYTES || bytes > 49_000);
  }

  private static Delivery wholeRange(Entry entry) {
    return new Delivery(
        "shard",
        BigInteger.ZERO,
        BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE),
        "1",
        entry.partitionKey,
        entry.data(),
        0);
  }

  /** Consumers drop an aggregate if one of its records' hash keys is outside the shard. */
  @Test
  void aKplAggregateSurvivesAnyResharding() {
    FakeStream stream = new FakeStream(1, FakeStream.Settings.PLAIN, 0);
    List<Delivery> deliveries = new ArrayList<>();
    stream.observe(deliveries::add);
    KeyGroup groups = new KeyGroup(10_000);
    // From one shard to two for each group.
    for (int shards = 1; shards <= 2 * KeyGroup.COUNT; shards *= 8) {
      List<FakeStream.Put> puts = new ArrayList<>();
      for (int group = 0; group < KeyGroup.COUNT; group++) {
        KplPacker packer = new KplPacker(group, new PackBuffers(SendQueue.PACKED_BYTES, 1 << 20));
        for (int i = 0, found = 0; found < 2; i++) {
          if (groups.of("key-" + i) == group) {
            packer.add(change("key-" + i, "v"), found++, 0);
          }
        }
        Entry entry = packer.seal();
        puts.add(new FakeStream.Put(entry.partitionKey, entry.hashKey, entry.data()));
      }
      while (stream.openShardCount() < shards) {
        splitAll(stream);
      }
      stream.put(puts, Faults.NONE, 0);
    }

    assertThat(stream.openShardCount()).isEqualTo(2 * KeyGroup.COUNT);
    assertThat(deliveries).hasSize(4 * KeyGroup.COUNT);
    assertThat(deliveries.stream().map(delivery -> Versions.deaggregated(delivery).size()))
        .containsOnly(2);
  }

  private static void splitAll(FakeStream stream) {
    for (int shard = stream.openShardCount() - 1; shard >= 0; shard--) {
      stream.split(shard, 0);
    }
  }

  @Test
  void packingAddsNoMoreThanIsKeptFreeForIt() {
    byte[] payload = new byte[(1 << 20) - 2_000];
    String key = "k".repeat(256);
    for (Packing packing : new Packing[] {Packing.LINES, Packing.KPL}) {
      StreamRecord change = new StreamRecord(key.substring(0, 1), payload, new Lsn(1), 0);
      Entry small = packed(packing, change);
      Entry large = packed(packing, new StreamRecord(key, payload, new Lsn(1), 0));

      assertThat(small.size - payload.length - 1)
          .as("%s", packing)
          .isLessThanOrEqualTo(packing.recordOverhead());
      assertThat(large.size - payload.length - 256)
          .as("%s", packing)
          .isLessThanOrEqualTo(packing.recordOverhead());
    }
  }

  private static Entry packed(Packing packing, StreamRecord change) {
    Packer packer = packing.packer(255, new PackBuffers(50_000, 1 << 20));
    @Nullable Entry complete = packer.add(change, 0, 0);
    assertThat(complete).isNull();
    return packer.seal();
  }
}
