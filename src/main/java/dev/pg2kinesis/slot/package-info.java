/** The only package that talks to PostgreSQL: connecting, locking, peeking and advancing a slot. */
@NullMarked
package dev.pg2kinesis.slot;

import org.jspecify.annotations.NullMarked;
