/** The queue in front of the stream: lanes, packing, retries and size rules. */
@NullMarked
package dev.pg2kinesis.publish;

import org.jspecify.annotations.NullMarked;
