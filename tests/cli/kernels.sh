# The kernels built in.
tmo kernels
json kernels -- kernels[0].family? kernels[0].name? kernels[0].isa? kernels[0].exact? kernels[0].chosen?
