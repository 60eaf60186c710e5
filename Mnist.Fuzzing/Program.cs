using Mnist.Fuzzing;
using SharpFuzz;

// Code that was instrumented may run only inside the fuzzer's loop, where there is memory for what it covers; see eng/fuzz.sh.
Action<byte[]> target = args[0] switch
{
    "json" => Targets.Json,
    "image" => Targets.Image,
    "photo" => Targets.Photo,
    "weights" => Targets.Weights,
    _ => throw new ArgumentException($"no target '{args[0]}'; there are json, image, photo and weights"),
};
Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    target(input.ToArray());
});
