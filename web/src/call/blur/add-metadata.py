"""Makes selfie_segmentation_landscape.tflite beside this file from the model of the npm package.

npm pack @mediapipe/selfie_segmentation@0.1.1675465747 && tar xzf mediapipe-selfie_segmentation-*.tgz
pip install mediapipe==0.10.14
python add-metadata.py package/selfie_segmentation_landscape.tflite selfie_segmentation_landscape.tflite
"""

import sys
from mediapipe.tasks.python.metadata.metadata_writers import image_segmenter

source, target = sys.argv[1:]
with open(source, "rb") as file:
    model = bytearray(file.read())
# The model wants 0 to 1 and gets 0 to 255. With a deviation of 1 it runs all the same, and takes all for a person.
writer = image_segmenter.MetadataWriter.create(model, [0.0], [255.0])
with open(target, "wb") as file:
    file.write(writer.populate()[0])
