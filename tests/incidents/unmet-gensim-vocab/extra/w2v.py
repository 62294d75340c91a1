from gensim.models import Word2Vec
s = [["tp53", "binds", "mdm2"], ["egfr", "binds", "grb2"]] * 20
m = Word2Vec(s, min_count=1, workers=1)
words = list(m.wv.vocab)
print(words[:5])
