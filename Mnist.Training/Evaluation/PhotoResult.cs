using System.Text.Json.Nodes;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;

namespace Mnist.Training.Evaluation;

/// <summary>A simulated photo and the answer to it.</summary>
/// <param name="File">The photo.</param>
/// <param name="Label">The digit on it.</param>
/// <param name="Digit">The normalised image; null if the photo was rejected.</param>
/// <param name="Error">Why the photo was rejected; null if it was not.</param>
/// <param name="Class">The predicted digit; -1 if the photo was rejected.</param>
/// <param name="OodDecision">The decision of the OOD detector.</param>
internal sealed record PhotoAnswer(byte[] File, int Label, DigitImage? Digit, ImageError? Error, int Class, OodDecision OodDecision)
{
    public bool IsRight => Class == Label;
}

/// <summary>The result of one photo simulation.</summary>
/// <param name="Name">Name of the simulation.</param>
/// <param name="Digits">Number of photos.</param>
/// <param name="CleanRight">Number of digits that are classified right without the detour over a photo.</param>
/// <param name="Right">Number of photos that are classified right; a rejected one is not.</param>
/// <param name="Rejected">Number of rejected photos by reason.</param>
/// <param name="TakenForDigits">Number of photos that neither the normaliser nor the OOD detector rejected.</param>
/// <param name="Examples">Some of the photos, wrong answers first.</param>
internal sealed record PhotoResult(
    string Name, int Digits, int CleanRight, int Right, IReadOnlyDictionary<ImageErrorKind, int> Rejected, int TakenForDigits, IReadOnlyList<PhotoAnswer> Examples)
{
    /// <summary>Share of photos that are classified right, 0 to 1.</summary>
    public double Accuracy => Right / (double)Digits;

    /// <summary>Share of the clean digits that are classified right, 0 to 1.</summary>
    public double CleanAccuracy => CleanRight / (double)Digits;

    /// <summary>Share of photos that are rejected, 0 to 1.</summary>
    public double RejectedShare => Rejected.Values.Sum() / (double)Digits;

    /// <summary>The sum of several simulations.</summary>
    public static PhotoResult Total(IReadOnlyList<PhotoResult> results) => new(
        "all",
        results.Sum(result => result.Digits),
        results.Sum(result => result.CleanRight),
        results.Sum(result => result.Right),
        results.SelectMany(result => result.Rejected).GroupBy(rejected => rejected.Key).ToDictionary(kind => kind.Key, kind => kind.Sum(rejected => rejected.Value)),
        results.Sum(result => result.TakenForDigits),
        []);

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["digits"] = Digits,
        ["cleanRight"] = CleanRight,
        ["right"] = Right,
        ["ofClean"] = CleanRight == 0 ? null : Math.Round(Accuracy / CleanAccuracy, 6),
        ["rejected"] = new JsonObject(Rejected.OrderBy(kind => kind.Key).Select(kind => KeyValuePair.Create(kind.Key.ToString(), (JsonNode?)kind.Value))),
        ["takenForDigits"] = TakenForDigits,
    };
}
