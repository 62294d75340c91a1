import glob, logging
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
from gensim import corpora, models
docs = [open(f).read().lower().split() for f in glob.glob("texts/*.txt")]
d = corpora.Dictionary(docs)
d.filter_extremes(no_below=2)
c = [d.doc2bow(t) for t in docs]
m = models.LdaModel(c, num_topics=5, id2word=d, passes=2)
m.save("lda.model")
