package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.KinesisEndpoint;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * The function deployed on this machine: its own database and slot on a real PostgreSQL, its own
 * stream on a Kinesis endpoint, and the real handler between them.
 */
public final class LocalDeployment {

  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final long INVOCATION_MILLIS = 60_000;

  private final PostgresServer server;
  private final KinesisClient consumer;
  private final String database;
  private final String slot;
  private final String stream;
  private final Map<String, String> environment = new HashMap<>();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Map<String, String> iterators = new HashMap<>();
  private @Nullable WarmFunction function;

  private LocalDeployment(
      PostgresServer server, String database, KinesisEndpoint kinesis, String name, int shards) {
    this.server = server;
    this.consumer = kinesis.client();
    this.database = database;
    this.slot = "slot_" + name;
    this.stream = "stream-" + name;
    kinesis.addStream(stream, shards);
    // The SDK looks at system properties before the environment.
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    System.setProperty("aws.endpointUrlKinesis", kinesis.endpoint().toString());
    environment.put("PGHOST", server.host());
    environment.put("PGPORT", Integer.toString(server.port()));
    environment.put("PGDATABASE", database);
    environment.put("PGUSER", "postgres");
    environment.put("PGPASSWORD", "postgres");
    environment.put("PGSSLMODE", "disable");
    environment.put("SLOT_NAME", slot);
    environment.put("STREAM_NAME", stream);
  }

  private LocalDeployment(LocalDeployment other) {
    this.server = other.server;
    this.consumer = other.consumer;
    this.database = other.database;
    this.slot = other.slot;
    this.stream = other.stream;
    environment.putAll(other.environment);
  }

  /** A second function with the same settings, as Lambda starts one beside a frozen one. */
  public LocalDeployment secondFunction() {
    return new LocalDeployment(this);
  }

  /** A deployment with a fresh database and stream, and no slot yet. */
  public static LocalDeployment on(PostgresServer server, KinesisEndpoint kinesis, int shards) {
    return on(server, server.createDatabase(), kinesis, shards);
  }

  /** The same with a database that exists. */
  public static LocalDeployment on(
      PostgresServer server, String database, KinesisEndpoint kinesis, int shards) {
    return new LocalDeployment(server, database, kinesis, "n" + NAMES.incrementAndGet(), shards);
  }

  /** Creates the slot. */
  public LocalDeployment withSlot(String plugin) {
    sql("SELECT pg_create_logical_replication_slot('" + slot + "', '" + plugin + "')");
    return this;
  }

  /** Changes a setting; the next invocation starts cold. */
  public LocalDeployment with(String variable, String value) {
    environment.put(variable, value);
    function = null;
    return this;
  }

  public LocalDeployment without(String variable) {
    environment.remove(variable);
    function = null;
    return this;
  }

  public String database() {
    return database;
  }

  public String slot() {
    return slot;
  }

  public String stream() {
    return stream;
  }

  public Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  public void sql(String... statements) {
    server.execute(database, statements);
  }

  public String query(String sql) {
    return server.query(database, sql);
  }

  /** The slot's {@code confirmed_flush_lsn}. */
  public String position() {
    return query(
        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" + slot + "'");
  }

  /** Invokes the handler as Lambda does. */
  public JsonNode invoke(String event) {
    return invoke(event, INVOCATION_MILLIS);
  }

  /** Invokes the handler with another time limit. */
  public JsonNode invoke(String event, long millis) {
    WarmFunction current = function;
    if (current == null) {
      current = new WarmFunction(environment, new PrintStream(log, true, UTF_8));
      function = current;
    }
    return current.invoke(event, millis);
  }

  /** What the handler printed so far. */
  public List<String> log() {
    return log.toString(UTF_8).lines().toList();
  }

  /** What arrived since the last call, shard by shard, each in its order. */
  public List<Record> newRecords() {
    return newRecords(stream);
  }

  /** The same of another stream. */
  public List<Record> newRecords(String from) {
    List<Record> records = new ArrayList<>();
    for (Shard shard : consumer.listShards(r -> r.streamName(from)).shards()) {
      read(from, shard.shardId(), records);
    }
    return records;
  }

  /** The payloads of {@link #newRecords()} as text. */
  public List<String> newPayloads() {
    return newRecords().stream().map(r -> r.data().asUtf8String()).toList();
  }

  private void read(String from, String shard, List<Record> records) {
    String place = from + "/" + shard;
    String iterator =
        iterators.computeIfAbsent(
            place,
            none ->
                consumer
                    .getShardIterator(
                        r ->
                            r.streamName(from)
                                .shardId(shard)
                                .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                    .shardIterator());
    while (true) {
      String at = iterator;
      GetRecordsResponse response = consumer.getRecords(r -> r.shardIterator(at));
      records.addAll(response.records());
      iterator = response.nextShardIterator();
      iterators.put(place, iterator);
      if (response.records().isEmpty()) {
        return;
      }
    }
  }
}
