using Mnist.Core.Batching;

namespace Mnist.Core.Contract;

/// <summary>The body of a classification response: one entry for each image of the request, in the same order.</summary>
public sealed record ClassifyResponse(IReadOnlyList<ClassifyResponseItem> Responses)
{
    public static ClassifyResponse From(Predictions predictions, bool includeProbabilities)
    {
        var responses = new ClassifyResponseItem[predictions.Count];
        for (int i = 0; i < responses.Length; i++)
        {
            var (digit, probability) = predictions[i];
            responses[i] = new ClassifyResponseItem(digit, probability, includeProbabilities ? predictions.Probabilities(i).ToArray() : null);
        }

        return new ClassifyResponse(responses);
    }
}

/// <summary>The answer for one image.</summary>
/// <param name="Class">The digit, 0 to 9.</param>
/// <param name="Probability">The softmax score of that digit, in [0, 1].</param>
/// <param name="Probabilities">The scores of the digits 0 to 9, when the request asked for them.</param>
public sealed record ClassifyResponseItem(int Class, float Probability, IReadOnlyList<float>? Probabilities = null);
