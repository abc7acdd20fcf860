# Quality on a data set.
tmo eval $model --data $test --limit 1000
json eval $model --data $test --limit 1000 -- metric value samples ci95# ci95[0]? metrics#
json eval $model --data $test --limit 500 --threads 1 --metric accuracy top5 -- value metrics# metrics[1].metric metrics[1].value
quietly quantize $model -o half.tflite --scheme float16
json eval half.tflite --data $test --limit 200 --metric agreement --reference $model -- metric value samples
json eval half.tflite --data $test --limit 200 --metric snr mse --reference $model -- metrics[0].metric metrics[1].metric
json eval $model --data $test --limit 100 --arithmetic reference -- value
json eval $model --data $test --split 100:200 -- samples
json eval $model --data $test --split 0.5:0.51 -- samples
tmo eval $model --data random:5
tmo eval $model --data $test --metric agreement
tmo eval $model --data idx:data/t10k-images.idx3-ubyte.gz --metric accuracy
tmo eval $model --data idx:data/t10k-images.idx3-ubyte.gz,data/train4k-labels.idx1-ubyte.gz
