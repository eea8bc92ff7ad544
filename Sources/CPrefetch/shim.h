// Swift has no word for it: asks the processor to bring memory near that will be read soon. Nothing is read, so
// any address is allowed, and nothing waits.
static inline void kvitt_prefetch(const void *address) { __builtin_prefetch(address); }
