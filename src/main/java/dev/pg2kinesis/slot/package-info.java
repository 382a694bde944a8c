/**
 * The only package that talks to PostgreSQL.
 *
 * <ul>
 *   <li>Reading a slot: {@link Slot} is what a run sees, {@link PostgresSlot} implements it over
 *       one {@code Session}; {@code SlotLock} allows one run at a time, {@code CopyPeek} streams
 *       the rows, {@code CatalogQuery} reads the catalog.
 *   <li>Connecting: {@link Database}, {@code Session}, {@link KeepAliveSockets}, {@link
 *       TrustedSockets}; {@link DriverRehearsal} and {@link RehearsalSockets} do it in memory.
 *   <li>Creating and dropping a slot: {@link SlotAdmin}.
 *   <li>Reading the state: {@link ServerStatus} by {@code StatusQuery}, {@link SlotRow}, {@link
 *       Timeline}.
 *   <li>Explaining a failure: {@link SlotException} and its codes. {@code SlotCheck} and {@code
 *       ServerCheck} look before anything is read; {@code ConnectionFailure}, {@code SqlFailure}
 *       and {@code SlotFailure} translate the server's errors.
 * </ul>
 */
@NullMarked
package dev.pg2kinesis.slot;

import org.jspecify.annotations.NullMarked;
