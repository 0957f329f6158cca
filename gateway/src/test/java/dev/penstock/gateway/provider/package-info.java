@NullMarked
package dev.penstock.gateway.provider;

import org.jspecify.annotations.NullMarked;
