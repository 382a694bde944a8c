/** What the decoders read, and what they refuse. */
@NullMarked
package dev.pg2kinesis.decode;

import org.jspecify.annotations.NullMarked;
