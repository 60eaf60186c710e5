using System.Text.Json.Nodes;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;

namespace Mnist.Training.Evaluation;

/// <summary>One simulated picture and what became of it.</summary>
/// <param name="File">The picture.</param>
/// <param name="Label">The digit that is on it.</param>
/// <param name="Digit">What the normalizer made of it; null when it refused.</param>
/// <param name="Fault">Why it refused.</param>
/// <param name="Class">What the network read; -1 when there was nothing to read.</param>
/// <param name="OodDecision">Whether it is a digit at all, as <c>reject</c> tells.</param>
internal sealed record PhotoAnswer(byte[] File, int Label, DigitImage? Digit, ImageError? Fault, int Class, OodDecision OodDecision)
{
    public bool IsRight => Class == Label;
}

/// <summary>How digits are read after one way into a picture and back.</summary>
/// <param name="Name">Of the simulation.</param>
/// <param name="Digits">How many there were.</param>
/// <param name="CleanRight">How many of them are read right as they are.</param>
/// <param name="Right">How many of their pictures; a refused one is not right.</param>
/// <param name="Refused">How many pictures were refused, by the reason.</param>
/// <param name="TakenForDigits">How many were neither refused nor, where <c>reject</c> is asked for, found to be no digit.</param>
/// <param name="Examples">Some of the pictures, those in front that were not read right.</param>
internal sealed record PhotoResult(
    string Name, int Digits, int CleanRight, int Right, IReadOnlyDictionary<ImageErrorKind, int> Refused, int TakenForDigits, IReadOnlyList<PhotoAnswer> Examples)
{
    /// <summary>Share of pictures read right, 0 to 1.</summary>
    public double Accuracy => Right / (double)Digits;

    /// <summary>What the digits score themselves.</summary>
    public double CleanAccuracy => CleanRight / (double)Digits;

    public double RefusedShare => Refused.Values.Sum() / (double)Digits;

    /// <summary>All digits of several simulations.</summary>
    public static PhotoResult Total(IReadOnlyList<PhotoResult> results) => new(
        "all",
        results.Sum(result => result.Digits),
        results.Sum(result => result.CleanRight),
        results.Sum(result => result.Right),
        results.SelectMany(result => result.Refused).GroupBy(refused => refused.Key).ToDictionary(kind => kind.Key, kind => kind.Sum(refused => refused.Value)),
        results.Sum(result => result.TakenForDigits),
        []);

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["digits"] = Digits,
        ["cleanRight"] = CleanRight,
        ["right"] = Right,
        ["ofClean"] = Math.Round(Accuracy / CleanAccuracy, 6),
        ["refused"] = new JsonObject(Refused.OrderBy(kind => kind.Key).Select(kind => KeyValuePair.Create(kind.Key.ToString(), (JsonNode?)kind.Value))),
        ["takenForDigits"] = TakenForDigits,
    };
}
