/** The product as it runs in production, beside what else takes changes off a server. */
@NullMarked
package dev.pg2kinesis.endtoend;

import org.jspecify.annotations.NullMarked;
