from google.protobuf import descriptor as _descriptor
DESCRIPTOR = _descriptor.FileDescriptor(name='rec.proto', package='', syntax='proto3', serialized_pb=b'\n\trec.proto\"\x11\n\x03Rec\x12\n\n\x02id\x18\x01 \x01(\t')
_REC_ID = _descriptor.FieldDescriptor(name='id', full_name='Rec.id', index=0, number=1, type=9, cpp_type=9, label=1, has_default_value=False, default_value='', message_type=None, enum_type=None, containing_type=None, is_extension=False, extension_scope=None, file=DESCRIPTOR)
