/** The only Kinesis client and the only threads that send. */
@NullMarked
package dev.pg2kinesis.publish.kinesis;

import org.jspecify.annotations.NullMarked;
