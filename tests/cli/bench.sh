# Latency and memory.
json bench $model --seconds 0.05 --threads 1 -- model median_us? p95_us? min_us? load_us? first_us? arena_bytes? weight_bytes? \
    packed_bytes? mapped_bytes? resident_bytes? peak_rss_bytes? threads isa? runs?
json bench $model --seconds 0.05 --threads 2 --isa c --profile -- threads isa profile# profile[0].name? profile[0].kernel? \
    profile[0].mean_us?
tmo bench $model --seconds 0.05 --threads 1
tmo bench $model --seconds 0.05 --threads 1 --profile --quiet
