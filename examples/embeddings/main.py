"""A web service that tells how alike two sentences are."""

from fastapi import FastAPI

from encoder import Encoder

app = FastAPI()
encoder = Encoder("sentence-transformers/all-MiniLM-L6-v2")


@app.get("/similarity")
def similarity(a: str, b: str) -> dict[str, float]:
    """Returns the cosine of the angle between the two sentences' vectors."""
    return {"similarity": float(encoder.encode(a) @ encoder.encode(b))}
