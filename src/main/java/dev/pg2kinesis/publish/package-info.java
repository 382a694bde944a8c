/** The only package that talks to Kinesis: lanes, packing, retries and size rules. */
@NullMarked
package dev.pg2kinesis.publish;

import org.jspecify.annotations.NullMarked;
