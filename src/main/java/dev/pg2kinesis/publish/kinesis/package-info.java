/**
 * The only Kinesis client and the only threads that send. {@code KinesisPublisher} puts the parts
 * together, {@code Senders} has the threads and the lock, {@code KinesisStream} the client, {@code
 * CallFailures} the meaning of its exceptions; {@code StreamAddress}, {@code StreamProbe} and
 * {@code StreamDescription} are about the stream itself.
 */
@NullMarked
package dev.pg2kinesis.publish.kinesis;

import org.jspecify.annotations.NullMarked;
