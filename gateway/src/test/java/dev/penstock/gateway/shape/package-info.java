@NullMarked
package dev.penstock.gateway.shape;

import org.jspecify.annotations.NullMarked;
