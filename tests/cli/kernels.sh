# The kernels built in, and how fast they are.
tmo kernels
json kernels -- isas[0].name isas[0].present kernels[0].family? kernels[0].name? kernels[0].isa? kernels[0].exact? kernels[0].chosen?
tmo kernels --bench --family lookup --isa c
json kernels --bench --family lookup --isa c -- peaks.isa peaks.clock_ghz? peaks.f32_gmacs? peaks.s8_gmacs? peaks.memory_gb_s? times# \
    times[0].family times[0].name times[0].isa times[0].shape? times[0].ns? times[0].cycles? times[0].share?
tmo kernels --family lookup
tmo kernels --bench --isa sse9
