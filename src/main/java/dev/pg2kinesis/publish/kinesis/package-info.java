/**
 * The only Kinesis client and the only threads that send. {@code KinesisPublisher} puts the parts
 * together, {@code Senders} has the threads and the lock, {@code KinesisStream} the client, {@code
 * PutRecordsBody} and {@code LargePieceHttpClient} what it sends, {@code CallFailures} the meaning
 * of its exceptions; {@code StreamAddress}, {@code StreamProbe} and {@code StreamDescription} are
 * about the stream itself. {@code OpenStreams} opens all streams of a run, and {@code
 * StreamIdentity} tells which of them are the same. {@code RehearsalStream} is one in memory.
 */
@NullMarked
package dev.pg2kinesis.publish.kinesis;

import org.jspecify.annotations.NullMarked;
