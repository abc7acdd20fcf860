# Latency and memory.
json bench $model --seconds 0.05 --threads 1 -- model median_us? p95_us? min_us? load_us? first_us? arena_bytes? weight_bytes? \
    packed_bytes? mapped_bytes? resident_bytes? peak_rss_bytes? threads isa? runs?
json bench $model --seconds 0.05 --threads 2 --isa c --profile -- threads isa profile# profile[0].name? profile[0].kernel? \
    profile[0].mean_us? profile[0].macs? profile[0].gmacs?
tmo bench $model --seconds 0.05 --threads 1
tmo bench $model --seconds 0.05 --threads 1 --profile --quiet
tmo bench $model --seconds 0.05 --threads 1 --shape 2x28x28x1 --quiet
tmo bench $model --seconds 0.05 --threads 1 --shape image=1x28x28x1
tmo bench $model --seconds 0.05 --threads 1 --shape 28by28
