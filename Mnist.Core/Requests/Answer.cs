namespace Mnist.Core.Requests;

/// <summary>The answer to a request, and how it was made.</summary>
/// <param name="Response">The answer.</param>
/// <param name="ModelVersion">The version of the model that made all of it.</param>
/// <param name="Timings">Where the time went.</param>
public sealed record Answer<T>(T Response, string ModelVersion, Timings Timings);

/// <summary>Where the time of a request went.</summary>
/// <param name="Decode">From the arrival of the body to the end, without what was spent in the batcher: reading JSON, decoding and normalizing images.</param>
/// <param name="Queue">From queueing to the moment a worker took the first image; summed where a request is queued in several parts.</param>
/// <param name="Inference">From there to the answer for the last image; summed likewise.</param>
public readonly record struct Timings(TimeSpan Decode, TimeSpan Queue, TimeSpan Inference);
