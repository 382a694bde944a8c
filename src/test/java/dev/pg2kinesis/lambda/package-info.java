/** The deployable under the real Lambda runtime. */
@NullMarked
package dev.pg2kinesis.lambda;

import org.jspecify.annotations.NullMarked;
