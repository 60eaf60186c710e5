using Mnist.Fuzzing;
using SharpFuzz;

// Instrumented code may run only inside the fuzzer's loop, which provides its coverage memory; see eng/fuzz.sh.
Action<byte[]> target = args[0] switch
{
    "json" => Targets.Json,
    "image" => Targets.Image,
    "photo" => Targets.Photo,
    "weights" => Targets.Weights,
    _ => throw new ArgumentException($"The target is '{args[0]}', expected json, image, photo or weights."),
};
Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    target(input.ToArray());
});
