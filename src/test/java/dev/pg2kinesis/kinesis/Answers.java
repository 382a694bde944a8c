package dev.pg2kinesis.kinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.FakeKinesis.Reply;
import java.io.IOException;
import java.util.List;

/** The fields of the operations' answers. */
final class Answers {

  private static final int OK = 200;

  private Answers() {}

  static Reply putRecords(List<FakeStream.Outcome> outcomes) {
    long failed = outcomes.stream().filter(outcome -> outcome.errorCode() != null).count();
    return new Reply(
        OK,
        json -> {
          json.writeNumberField("FailedRecordCount", failed);
          json.writeArrayFieldStart("Records");
          for (FakeStream.Outcome outcome : outcomes) {
            json.writeStartObject();
            if (outcome.errorCode() == null) {
              json.writeStringField("SequenceNumber", outcome.sequenceNumber());
              json.writeStringField("ShardId", outcome.shardId());
            } else {
              json.writeStringField("ErrorCode", outcome.errorCode());
              json.writeStringField("ErrorMessage", "Rate exceeded for shard " + outcome.shardId());
            }
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  static Reply summary(String name, FakeStream stream) {
    return new Reply(
        OK,
        json -> {
          json.writeObjectFieldStart("StreamDescriptionSummary");
          json.writeStringField("StreamName", name);
          json.writeStringField("StreamARN", FakeKinesis.ARN_PREFIX + name);
          json.writeStringField("StreamStatus", stream.status());
          json.writeObjectFieldStart("StreamModeDetails");
          json.writeStringField("StreamMode", "PROVISIONED");
          json.writeEndObject();
          json.writeNumberField("RetentionPeriodHours", 24);
          Wire.writeTime(json, "StreamCreationTimestamp", 0);
          json.writeArrayFieldStart("EnhancedMonitoring");
          json.writeEndArray();
          json.writeStringField("EncryptionType", "NONE");
          json.writeNumberField("OpenShardCount", stream.openShardCount());
          json.writeNumberField("ConsumerCount", 0);
          json.writeNumberField("MaxRecordSizeInKiB", stream.settings().maxRecordBytes() >> 10);
          json.writeEndObject();
        });
  }

  static Reply shards(FakeStream stream) {
    return new Reply(
        OK,
        json -> {
          json.writeArrayFieldStart("Shards");
          for (FakeShard shard : stream.shards()) {
            shard(json, shard);
          }
          json.writeEndArray();
        });
  }

  private static void shard(JsonGenerator json, FakeShard shard) throws IOException {
    json.writeStartObject();
    json.writeStringField("ShardId", shard.id());
    if (!shard.parents.isEmpty()) {
      json.writeStringField("ParentShardId", shard.parents.get(0).id());
    }
    if (shard.parents.size() > 1) {
      json.writeStringField("AdjacentParentShardId", shard.parents.get(1).id());
    }
    json.writeObjectFieldStart("HashKeyRange");
    json.writeStringField("StartingHashKey", shard.from.toString());
    json.writeStringField("EndingHashKey", shard.to.toString());
    json.writeEndObject();
    json.writeObjectFieldStart("SequenceNumberRange");
    json.writeStringField("StartingSequenceNumber", "0");
    if (!shard.open) {
      json.writeStringField("EndingSequenceNumber", Long.toString(Long.MAX_VALUE));
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  /** {@code LATEST} begins after what is there; every other type at the beginning. */
  static Reply iterator(String name, String shardId, FakeStream stream, JsonNode input) {
    FakeShard shard = stream.shardsById().get(shardId);
    if (shard == null) {
      return Reply.error(400, "ResourceNotFoundException", "Shard " + shardId + " not found.");
    }
    boolean latest = input.path("ShardIteratorType").asText().equals("LATEST");
    int position = latest ? stream.read(shard, 0, Integer.MAX_VALUE).size() : 0;
    return new Reply(
        OK, json -> json.writeStringField("ShardIterator", name + '/' + shardId + '/' + position));
  }

  static Reply records(String name, FakeStream stream, FakeShard shard, int from, int limit) {
    List<Delivery> deliveries = stream.read(shard, from, limit);
    return new Reply(
        OK,
        json -> {
          json.writeArrayFieldStart("Records");
          for (Delivery delivery : deliveries) {
            json.writeStartObject();
            json.writeStringField("SequenceNumber", delivery.sequenceNumber());
            Wire.writeTime(json, "ApproximateArrivalTimestamp", delivery.arrivedMillis());
            json.writeBinaryField("Data", delivery.data());
            json.writeStringField("PartitionKey", delivery.partitionKey());
            json.writeEndObject();
          }
          json.writeEndArray();
          if (shard.open || !deliveries.isEmpty()) {
            json.writeStringField(
                "NextShardIterator", name + '/' + shard.id() + '/' + (from + deliveries.size()));
          }
          json.writeNumberField("MillisBehindLatest", 0);
        });
  }
}
