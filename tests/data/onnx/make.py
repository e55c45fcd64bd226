"""Makes `tiny.onnx`, a text model without weights: `pip install onnx==1.23.2; python make.py`.

For each token it gives three numbers: its id, its type and its place in the mask. As
the exports that fastembed loads, it takes those three and names its result so.
"""

import onnx
from onnx import TensorProto, helper

INPUTS = ["input_ids", "token_type_ids", "attention_mask"]
axis = helper.make_tensor("axis", TensorProto.INT64, [1], [2])
nodes = []
for name in INPUTS:
    nodes.append(helper.make_node("Cast", [name], [name + "/float"], to=TensorProto.FLOAT))
    nodes.append(helper.make_node("Unsqueeze", [name + "/float", "axis"], [name + "/column"]))
nodes.append(helper.make_node("Concat", [name + "/column" for name in INPUTS], ["last_hidden_state"], axis=2))
graph = helper.make_graph(
    nodes,
    "tiny",
    [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in INPUTS],
    [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", 3])],
    [axis],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, "tiny.onnx")
