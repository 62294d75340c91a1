import rec_pb2
print(rec_pb2)
