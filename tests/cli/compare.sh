# A/B: exit status by the verdict, and a report that stands alone.
quietly quantize $model -o half.tflite --scheme float16
json compare $model half.tflite --data $test --limit 200 --seconds 0.02 --margin 0.1 --report report.html -- a? b? difference ci95# \
    mcnemar_p verdict?
grep -c -i '<html' report.html
grep -c -i -E '(src|href)="?https?:' report.html
quietly compare $model $model --data $test --limit 50 --seconds 0.02 --margin 0.2
tmo compare $model
tmo compare $model missing.tflite --data $test
tmo compare $model half.tflite
tmo compare $model half.tflite --data $test --limit 20 --seconds 0.02 --margin 0.0001 --quiet
files
