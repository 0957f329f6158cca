/// What Penstock's programs must agree on.
@org.jspecify.annotations.NullMarked
package dev.penstock.contracts;
