using Mnist.Benchmarks;
using Mnist.Inference;
using Mnist.Training.Data;

// Run from the root of the repository.
const string WeightsPath = "weights/mnist.safetensors";
const string DataFolder = "Mnist.Tests/Data";

if (args is not ["golden"])
{
    Console.Error.WriteLine("usage: golden    writes the golden predictions of the shipped weights, made by ONNX Runtime");
    return 2;
}

try
{
    var golden = GoldenPredictions.Create(WeightsPath, MnistFile.LoadTest(DataFolder));
    string path = Path.Combine(DataFolder, GoldenPredictions.FileName);
    golden.Write(path);
    Console.WriteLine($"{path}: {golden.Digits.Count} digits, ONNX Runtime {golden.OnnxRuntime}, weights {golden.WeightsSha256}");
    return 0;
}
catch (Exception exception) when (exception is WeightsException or IOException)
{
    Console.Error.WriteLine($"golden: {exception.Message} (to be run in the root of the repository)");
    return 1;
}
