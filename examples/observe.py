"""See what attention looks at in a long row of packed texts, without building the matrix."""

import torch

from attendo.attention import Layout, Observe, Segments, attend

torch.manual_seed(0)
layout = Layout((1000, 3000))
query, key, value = (torch.randn(4, layout.num_queries, 32) for _ in range(3))
output, seen = attend(query, key, value, mask=Segments(layout), observe=Observe(entropy=True, top=3, map=8))

assert seen.entropy is not None
assert seen.top is not None
assert seen.map is not None
print("entropy of head 0, first text:", round(float(seen.entropy[0, :1000].mean()), 3), "of at most 6.908 nats")
print("the three largest weights of the first query:", [round(float(weight), 4) for weight in seen.top.weights[0, 0]])
print("pictures of both texts:", [tuple(picture.shape) for picture in seen.map])
