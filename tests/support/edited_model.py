"""Models that differ from a given one in what a test wants."""

import ai_edge_litert.schema_py_generated as schema
from flatbuffers import Builder


def edited(content, edit):
    """The file (bytes) after ``edit`` has changed the unpacked model of ``content``."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    edit(model)
    builder = Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def operator(model, name):
    """The first operation of a kind."""
    code = getattr(schema.BuiltinOperator, name)
    kinds = [max(one.builtinCode, one.deprecatedBuiltinCode) for one in model.operatorCodes]
    return next(one for one in model.subgraphs[0].operators if kinds[one.opcodeIndex] == code)
