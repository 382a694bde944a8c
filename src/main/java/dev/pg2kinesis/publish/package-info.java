/**
 * The queue in front of the stream: lanes, packing, retries and quotas. Pure: no SDK, no threads,
 * no clock. The client and its threads are in {@code dev.pg2kinesis.publish.kinesis}.
 *
 * <p>How a change becomes an acknowledged record:
 *
 * <pre>
 * caller's thread                                 one of at most 16 sender threads
 * ───────────────                                 ────────────────────────────────
 * KinesisPublisher.publish(StreamRecord)
 *  └ Senders.add                          up to 64 changes together
 *     └ queueHanded            ── lock ──┐
 *        └ SendQueue.offer               │  false while too many bytes wait; then the caller waits
 *           │ KeyGroup.of(key)           │  MD5 of the key: group 0..255, which decides the lane
 *           └ Lane.add                   │
 *              └ Packer.add              │  a finished record is an Entry in the lane
 *        └ wake a sender   ──────────────┘
 *                                                 Senders.awaitRequest     ── lock ──┐
 *                                                  └ SendQueue.next                  │
 *                                                     └ Request.take(lane), round robin,
 *                                                       as much as ShardPace allows
 *                                                 Senders.send, without the lock ────┘
 *                                                  └ KinesisStream.put: PutRecords
 *                                                                          ── lock ──┐
 *                                                  └ SendQueue.answered              │
 *                                                     │ ShardMap, ShardPace: learn   │
 *                                                     │ ErrorCodes: wait, stop?      │
 *                                                     └ Lane.settle: done, or again  │
 *                                                        └ Acknowledgements.add  ────┘
 * KinesisPublisher.acknowledged()  ◄── the number of changes acknowledged with no gap
 * </pre>
 *
 * <table>
 * <caption>Files</caption>
 * <tr><td>what others see</td><td>{@code Publisher}, {@code PublisherConfiguration}, {@code Packing},
 *     {@code Ordering}, {@code PublishException}</td></tr>
 * <tr><td>several streams</td><td>{@code RoutedPublisher}, {@code StreamPublisher}</td></tr>
 * <tr><td>the queue</td><td>{@code SendQueue}, {@code Lane}, {@code KeyGroup}, {@code Entry}, {@code
 *     EntryResult}, {@code Request}, {@code Acknowledgements}</td></tr>
 * <tr><td>the quota</td><td>{@code ShardPace}, {@code ShardMap}, {@code Pacing}, {@code
 *     KinesisQuota}</td></tr>
 * <tr><td>packing</td><td>{@code Packer}, {@code SingleChangePacker}, {@code LinePacker}, {@code
 *     KplPacker}, {@code PackedChanges}, {@code PackBuffers}</td></tr>
 * <tr><td>failures and pauses</td><td>{@code ErrorCodes}, {@code Failure}, {@code RetryPolicy}, {@code
 *     Fence}</td></tr>
 * </table>
 */
@NullMarked
package dev.pg2kinesis.publish;

import org.jspecify.annotations.NullMarked;
